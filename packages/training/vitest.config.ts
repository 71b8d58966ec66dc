import { preset } from "../../vitest.shared.ts";

export default await preset({ gpu: true });
