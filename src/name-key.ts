/** What makes two names the same name: compatibility forms, case and outer blanks do not tell them apart. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase().trim();
}
