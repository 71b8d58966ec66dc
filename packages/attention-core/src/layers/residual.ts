// A block beside a path that skips it, with the norm before the block or after the sum.

import type { Workspace } from "../backend.ts";
import { dispose } from "../disposal.ts";
import type { Tensor } from "../tensor.ts";
import type { LayerConfig } from "./layer-config.ts";
import { applyNorm, type NormWeights } from "./norm.ts";

/**
 * Applied to the output of a block before it joins the skipping path: the place of dropout in training. The hook owns
 * the branch: it returns the tensor to add, and disposes the branch if that is another.
 */
export type BranchHook = (branch: Tensor) => Tensor;

/**
 * x + block(norm(x)), or norm(x + block(x)) where norms come after (see Xiong et al. 2020 for the difference): x and
 * the result are [P, W]. x stays the caller's; what `block` returns is taken over.
 */
export function residual(
  workspace: Workspace,
  config: LayerConfig,
  norm: NormWeights,
  x: Tensor,
  block: (input: Tensor) => Tensor,
  onBranch?: BranchHook,
): Tensor {
  if (config.placement === "post") {
    const sum = addBranch(workspace, x, block(x), onBranch);
    const normed = applyNorm(workspace, config, norm, sum);
    sum[dispose]();
    return normed;
  }
  const normed = applyNorm(workspace, config, norm, x);
  const branch = block(normed);
  normed[dispose]();
  return addBranch(workspace, x, branch, onBranch);
}

function addBranch(workspace: Workspace, x: Tensor, branch: Tensor, onBranch?: BranchHook): Tensor {
  const finished = onBranch ? onBranch(branch) : branch;
  const sum = workspace.add(x, finished);
  finished[dispose]();
  return sum;
}
