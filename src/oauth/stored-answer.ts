import { z } from 'zod';
import type { EgressResponse } from '../connector/egress-response.js';

/** A provider's answer as it is kept, sealed, before anybody reads it. */
export const storedAnswerSchema = z.object({
  status: z.number().int(),
  contentType: z.string().nullable(),
  retryAfter: z.string().nullable(),
  /** Decoded from UTF-8. */
  body: z.string(),
});
export type StoredAnswer = z.infer<typeof storedAnswerSchema>;

export function storedAnswerOf(response: EgressResponse): StoredAnswer {
  return {
    status: response.status,
    contentType: response.header('content-type') ?? null,
    retryAfter: response.header('retry-after') ?? null,
    body: response.text(),
  };
}
