// How far a training is: a line in place, and one that stays for each evaluation.

import type { FitProgress } from "@saccade/training";
import type { Terminal } from "../terminal/terminal.ts";

/** Shows progress in place, and each evaluation as a line that stays. */
export function progressLines(terminal: Terminal): (part: string, progress: FitProgress) => void {
  /** The step of each part that was told last: an evaluation is told after the step that it follows. */
  const told = new Map<string, number>();
  return (part, progress) => {
    const { step, steps, epoch, loss, metric, best, positionsPerSecond, secondsLeft } = progress;
    const share = step / steps;
    const filled = Math.round(share * 20);
    const bar = `${"█".repeat(filled)}${"░".repeat(20 - filled)}`;
    const dev = best === null ? "" : `  best ${metricText(best.metric)}`;
    const facts = `loss ${loss.toFixed(4)}${dev}  ${Math.round(positionsPerSecond).toLocaleString("en")} positions/s`;
    terminal.progress(`${part}  ${bar} ${percent(share)}  ${facts}  ${duration(secondsLeft)} left`);
    const isEvaluation = metric !== null && told.get(part) === step;
    told.set(part, step);
    if (!isEvaluation) return;
    terminal.progress("");
    terminal.print([`${part}  step ${step} of ${steps}, epoch ${epoch}  dev ${metricText(metric)}  ${facts}`]);
  };
}

/** A share as much as a cross-entropy: what it is, the recipe knows. */
function metricText(metric: number): string {
  return metric.toFixed(4);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(whole / 60);
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
