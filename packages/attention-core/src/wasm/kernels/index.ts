// Everything that the host may call. Each kernel takes the address of its parameters, the units from .. to that it
// shall do, and the address of this thread's scratch.

export { attention } from "./attention";
export { attentionMaps, attentionScores } from "./attention-maps";
export { attentionPack } from "./attention-pack";
export { attentionRows, attentionRowScores } from "./attention-rows";
export { activate, combine } from "./elementwise";
export { copyColumns, gather } from "./gather";
export { linear } from "./linear";
export { layerNorm, rmsNorm, softmax } from "./normalize";
export { packWeight } from "./pack";
export { pool } from "./pool";
export { rotate } from "./rotate";
