import { AuthorizationCodeRepository } from '../../src/authorization-code/authorization-code.repository.js';
import {
  AuthorizationCodes,
  type CodeConsent,
  type CodeOrder,
  type CodeUse,
} from '../../src/authorization-code/authorization-code.service.js';
import { ClientEntity } from '../../src/client/client.entity.js';
import { newId } from '../../src/ids.js';
import { IssuedValueLookup } from '../../src/issued-value/issued-value-lookup.js';
import { IssuedValueMinter, type Minted } from '../../src/issued-value/issued-value-minter.js';
import { IssuedValueRepository } from '../../src/issued-value/issued-value.repository.js';
import { StolenFamilies } from '../../src/issued-value/stolen-families.js';
import { issuedTokenRow } from '../../src/issuer/issued-token-row.js';
import { codeChallenge } from '../../src/oauth/authorization-binding.js';
import { ProviderEntity } from '../../src/provider/provider.entity.js';
import { TokenEntity } from '../../src/token/token.entity.js';
import { TokenRepository } from '../../src/token/token.repository.js';
import type { UserEntity } from '../../src/user/user.entity.js';
import { aClientRow, aProviderRow } from '../support/rows.js';
import { contextOf, People } from '../user/people.js';

export const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
export const REDIRECT_URI = 'https://app.example.com/callback?a=1';

type FirstPair = Minted & { refreshToken: string; familyId: string };
type Redeemed = Omit<FirstPair, 'scopes'> & CodeConsent;

/** Authorization codes as one process of the hub has them, with a client and a person. */
export class Codes {
  readonly service: AuthorizationCodes;
  readonly lookup: IssuedValueLookup;
  readonly minter: IssuedValueMinter;

  private constructor(
    readonly people: People,
    readonly client: ClientEntity,
    readonly otherClient: ClientEntity,
    readonly user: UserEntity,
  ) {
    const { audit, clock, database, unitOfWork } = people;
    const values = new IssuedValueRepository(database);
    const thefts = new StolenFamilies(values, new TokenRepository(database), audit, clock);
    this.service = new AuthorizationCodes(new AuthorizationCodeRepository(database), thefts, unitOfWork, audit, clock);
    this.lookup = new IssuedValueLookup(values, clock);
    this.minter = new IssuedValueMinter(unitOfWork, values, audit, clock);
  }

  static async open(url: string): Promise<Codes> {
    const people = await People.open(url);
    const provider = aProviderRow({ key: 'hub', kind: 'HUB' });
    const clients = [aClientRow(provider.id), aClientRow(provider.id)] as const;
    await people.unitOfWork.run(async (tx) => {
      await tx.manager.insert(ProviderEntity, provider);
      await tx.manager.insert(ClientEntity, [...clients]);
    });
    return new Codes(people, ...clients, await people.person());
  }

  async replica(url: string): Promise<Codes> {
    return new Codes(await this.people.replica(url), this.client, this.otherClient, this.user);
  }

  issue(given: Partial<CodeOrder> = {}): Promise<string> {
    return this.service.issue(contextOf(this.user), {
      clientRowId: this.client.id,
      userId: this.user.id,
      scopes: ['openid', 'hub:read'],
      resource: ['https://hub.example.com/graphql'],
      redirectUri: REDIRECT_URI,
      codeChallenge: codeChallenge(VERIFIER),
      nonce: 'a nonce',
      wasAsked: true,
      standingTokenId: null,
      authenticatedAt: new Date('2026-03-01T11:00:00.000Z'),
      ...given,
    });
  }

  read(code: string, given: Partial<CodeUse> = {}): Promise<CodeConsent> {
    const { client } = this;
    const use = { code, client, redirectUri: REDIRECT_URI, codeVerifier: VERIFIER, ...given };
    return this.service.read(contextOf(null), use);
  }

  /** What the token endpoint does with a code. @param atLast is called before that is spent */
  async redeem(code: string, given: Partial<CodeUse> = {}, atLast = () => undefined as unknown): Promise<Redeemed> {
    const consent = await this.read(code, given);
    const tokenId = await this.token();
    const refresh = { familyId: null, generation: 1 };
    const minted = (await this.minter.prepare({ tokenId, scopes: null, expiresAt: null, refresh })) as FirstPair;
    const ctx = contextOf(null);
    atLast();
    await this.service.spend(ctx, consent.codeId, minted.familyId, (tx) => this.minter.write(tx, ctx, minted, {}));
    return { ...minted, ...consent };
  }

  private async token(): Promise<string> {
    const { client, people, user } = this;
    const id = newId('token');
    const grantType = 'AUTHORIZATION_CODE';
    const consent = { userId: user.id, grantType, scopes: [], resource: [] } as const;
    const row = issuedTokenRow({ id, name: id, client, ...consent, now: people.clock.now() });
    await people.unitOfWork.run((tx) => tx.manager.insert(TokenEntity, row));
    return id;
  }
}
