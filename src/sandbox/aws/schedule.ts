/** Plans what happens later by itself. */
import type { Account, Task } from './account.ts';

/** Plans a task; another one under the same key is replaced. */
export const schedule = (account: Account, key: string, task: Task): void => {
  account.tasks.set(key, task);
};
