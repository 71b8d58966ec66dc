/** How far a result may be from the reference's: rounding of float32, and nothing else. */
export const tolerance = 1e-5;
