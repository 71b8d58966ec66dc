// A case of an operation on rows: a name, and a body that is given a workspace and random numbers.

import type { Workspace } from "@saccade/attention-core";
import { type BackendCase, type CaseContext, withWorkspace } from "../backend-case.ts";
import { type Random, seeded } from "../random.ts";

/** What such a case does. */
export type RowCaseBody = (
  tools: CaseContext & { readonly workspace: Workspace; readonly random: Random },
) => Promise<void>;

/** A case that runs `body` in a workspace of its own, with numbers drawn from its name. */
export function rowCase(group: string, name: string, body: RowCaseBody): BackendCase {
  return {
    group,
    name,
    run: (context) =>
      withWorkspace(context.backend, (workspace) =>
        body({ ...context, workspace, random: seeded(`${group}/${name}`) }),
      ),
  };
}
