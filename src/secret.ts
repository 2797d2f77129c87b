import { inspect } from 'node:util';

const SHOWN = '[secret]';

/**
 * Text that no log line, JSON, template string or inspection shows; only `reveal()` gives it.
 *
 * The value is in a private field, so a comparison by `toEqual` or `deepEqual` sees no difference: compare `reveal()`.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}
