import type { Summary } from './campaign.js';
import { STORED_WITHIN_MS } from './judge.js';

/** What makes a campaign a failure, in words; none when it is none. */
export function failuresOf({ ended, rounds, silent, violations }: Summary, wantedRounds: number): string[] {
  return [
    ...(rounds < wantedRounds ? [`only ${rounds} of ${wantedRounds} rounds were run`] : []),
    ...(ended.LOST > 0 ? [`${ended.LOST} tokens were lost although the hub had their answers`] : []),
    ...(silent > 0 ? [`${silent} tokens neither worked nor said why`] : []),
    ...violations,
  ];
}

export function summaryLines({ ended, reads, refreshes, rounds, silent, unreported, works }: Summary): string[] {
  return [
    `${rounds} rounds, ${refreshes} refreshes, ${reads} reads; tokens checked: ${works} worked`,
    `lost: ${ended.LOST}; silently lost: ${silent}`,
    `exchanges that a living hub never told the end of (their tokens wait): ${unreported}`,
    `answer never reached the hub: ${ended.NEVER_REACHED}; hub killed within ${STORED_WITHIN_MS} ms of its last byte: ${ended.KILLED_BEFORE_STORED}`,
  ];
}
