import type { Resolver } from '../../src/connector/resolver.js';

/** Answers each question with the next of the given answers, the last one for ever; an Error is a failed lookup. */
export class FixedResolver implements Resolver {
  readonly asked: string[] = [];
  private readonly answers: (readonly string[] | Error)[];

  constructor(...answers: (readonly string[] | Error)[]) {
    this.answers = answers;
  }

  async resolve(hostname: string): Promise<readonly string[]> {
    const answer = this.answers[Math.min(this.asked.length, this.answers.length - 1)] ?? [];
    this.asked.push(hostname);
    if (answer instanceof Error) throw answer;
    return answer;
  }
}
