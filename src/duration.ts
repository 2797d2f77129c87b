const PATTERN = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?$/;

/**
 * An instant and a duration later, by the UTC calendar: a month after 31 January is the last day of February.
 *
 * @param duration ISO 8601, such as PT5M or P6M
 * @throws TypeError for anything else; durations are checked where they come in
 */
export function addDuration(start: Date, duration: string): Date {
  const parts = PATTERN.exec(duration)?.slice(1);
  if (!parts) throw new TypeError(`${duration} is not an ISO 8601 duration`);
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts.map((part) =>
    Number((part ?? '0').replace(',', '.')),
  );
  const date = new Date(start);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + 12 * years + months);
  date.setUTCDate(Math.min(day, daysInMonth(date)));
  const ms = (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60_000 + seconds * 1000;
  return new Date(date.getTime() + ms);
}

/** Whether `addDuration` can count by it: not negative, and in whole units but for seconds. */
export function isCountable(duration: string): boolean {
  return PATTERN.test(duration);
}

/** Length from this instant on, in milliseconds. */
export function durationMs(duration: string, from: Date): number {
  return addDuration(from, duration).getTime() - from.getTime();
}

function daysInMonth(date: Date): number {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
}
