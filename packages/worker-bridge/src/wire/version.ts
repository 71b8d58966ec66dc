// Both sides must be of one version: what they send each other changes with the library, without notice.

/** The version of this package. A test holds it against package.json. */
export const bridgeVersion = "0.0.0";
