import { isJsonObject, type JsonObject, textOf } from './answer-body.js';

/** Whose data a token reaches. */
export interface Account {
  /** The provider's own id of the account: never changes, unlike an address or a name. */
  subject: string;
  email?: string;
  name?: string;
}

/** What an answer that is about something else says of the account. Its `id` could be anything's: it does not count. */
export function accountHints(fields: JsonObject): Partial<Account> {
  return accountOf(fields, ['sub', 'user_id', 'account_id']);
}

/** What an answer about the account says, at the top or one level deeper. */
export function accountDetails(fields: JsonObject): Partial<Account> {
  const places = [fields, fields.data, fields.user, fields.result, fields.response].filter(isJsonObject);
  const found = places.map((place) => accountOf(place, ['sub', 'id', 'user_id', 'account_id']));
  return found.find(({ subject }) => subject !== undefined) ?? {};
}

/** @param subjects the fields that hold the account's id, the best first */
export function accountOf(fields: JsonObject, subjects: readonly string[]): Partial<Account> {
  const first = (names: readonly string[]) => names.map((name) => idText(fields[name])).find((each) => each);
  const subject = first(subjects);
  const email = first(['email', 'mail']);
  const name = first(['name', 'display_name', 'displayName', 'preferred_username', 'username', 'nickname', 'login']);
  return { ...(subject && { subject }), ...(email && { email }), ...(name && { name }) };
}

/** Some providers number their accounts. */
function idText(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : textOf(value);
}
