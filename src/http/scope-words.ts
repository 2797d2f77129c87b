const WORDS: Readonly<Record<string, string>> = {
  openid: 'Know that it is you',
  profile: 'See your name',
  email: 'See your e-mail address',
  offline_access: 'Stay connected while you are away',
  'hub:read': 'See in the hub what you may see, without secrets',
  'hub:manage': 'Change in the hub what you may change',
  'hub:secrets': 'Read secrets in the hub that you may read, such as access tokens',
  'hub:call': 'Send requests to other services with the tokens of the hub that you may use',
  'hub:audit': 'Read the audit trail of the hub, if you may',
};

/** What a scope lets a client do; those of others are known to themselves only. */
export function scopeWords(scope: string): string {
  return Object.hasOwn(WORDS, scope) ? (WORDS[scope] ?? scope) : `Have the permission “${scope}” elsewhere`;
}
