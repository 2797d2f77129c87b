/**
 * For `node --import`: the wall clock of this process is off by `?ms=`. Databases, sockets and the monotonic clock are not.
 */
const shiftMs = Number(new URL(import.meta.url).searchParams.get('ms'));
const RealDate = globalThis.Date;
const now = () => RealDate.now() + shiftMs;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, parameters, newTarget) =>
    Reflect.construct(target, parameters.length > 0 ? parameters : [now()], newTarget),
  apply: (target) => new target(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
