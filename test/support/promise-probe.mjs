/** For `node --import`: says on SIGUSR2 whether anything in this process follows promises, such as an AsyncLocalStorage. */
import { executionAsyncId } from 'node:async_hooks';

process.on('SIGUSR2', async () => {
  await undefined;
  // Only promises that are followed have ids.
  console.log(executionAsyncId() === 0 ? 'promises are plain' : 'promises are followed');
});
