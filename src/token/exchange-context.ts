import { z } from 'zod';
import { sealedRef } from '../vault/sealed-column.js';
import type { Vault } from '../vault/vault.js';
import { ExchangeAttemptEntity } from './exchange-attempt.entity.js';
import type { ReadableExchange } from './exchange.js';
import type { TokenParties } from './token-parties.js';
import type { TokenSecrets } from './token-secrets.js';
import type { TokenEntity } from './token.entity.js';

const Context = z.object({
  clientRowId: z.string(),
  askedScopes: z.array(z.string()),
  /** An imported refresh token is stored nowhere else before its answer is adopted. */
  spent: z.string().nullable(),
  nonce: z.string().nullable(),
  allowOtherAccount: z.boolean(),
  alsoChange: z.record(z.string(), z.unknown()),
});

/** Keeps with an attempt what is needed to read its answer after a restart. */
export class ExchangeContexts {
  constructor(
    private readonly vault: Vault,
    private readonly parties: TokenParties,
    private readonly secrets: TokenSecrets,
  ) {}

  /** @returns null where the row of the token tells everything */
  seal(attemptId: string, exchange: ReadableExchange): string | null {
    const { allowOtherAccount, alsoChange, askedScopes, client, kind, nonce, spent } = exchange;
    if (kind === 'REFRESH') return null;
    const context: z.infer<typeof Context> = {
      clientRowId: client.id,
      askedScopes: [...askedScopes],
      spent: kind === 'IMPORT' ? spent : null,
      nonce,
      allowOtherAccount,
      alsoChange,
    };
    return this.vault.seal(sealedRef(ExchangeAttemptEntity, 'context', attemptId), JSON.stringify(context));
  }

  /** What the attempt was for. @throws UserError NOT_FOUND when its provider or client is gone */
  async restore(attempt: ExchangeAttemptEntity, token: TokenEntity): Promise<ReadableExchange> {
    const { context, kind } = attempt;
    if (context === null) {
      const parties = await this.parties.withClient(token, token.clientId);
      const askedScopes = this.parties.scopesOf(token, parties.client, parties.provider);
      const spent = await this.secrets.open(token, 'refreshToken');
      return { kind, ...parties, spent, askedScopes, nonce: null, allowOtherAccount: false, alsoChange: {} };
    }
    const opened = await this.vault.open(sealedRef(ExchangeAttemptEntity, 'context', attempt.id), context);
    const { clientRowId, ...rest } = Context.parse(JSON.parse(opened));
    return { kind, ...(await this.parties.withClient(token, clientRowId)), ...rest };
  }
}
