import { createReferenceBackend } from "@saccade/attention-core/reference";
import { attend } from "./attend.ts";

console.log(await attend(createReferenceBackend()));
