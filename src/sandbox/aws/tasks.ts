/** Things that happen by themselves once emulator time has come: activation, propagation, draining, release. */
import type { Account, Task } from './account.ts';
import { issueCertificate } from './acm/certificate-request.ts';

export type Tasks = {
  /** Does what is due. True when anything changed. */
  settle(): boolean;
  /** Sets the timer for the next task; to be called whenever tasks may have been added. */
  arm(): void;
  stop(): void;
};

/** Runs an account's tasks; `changed` is told when a timer has changed the state. */
export const runTasks = (account: Account, changed: () => void): Tasks => {
  let cancel = (): void => undefined;
  let next = Number.POSITIVE_INFINITY;
  const settle = (): boolean => {
    const now = account.clock.now();
    if (now < next) return false;
    const due = [...account.tasks].filter(([, task]) => task.at <= now).sort((a, b) => a[1].at - b[1].at);
    for (const [key, task] of due) {
      account.tasks.delete(key);
      perform(account, task);
    }
    arm();
    return due.length > 0;
  };
  const arm = (): void => {
    cancel();
    cancel = () => undefined;
    next = Number.POSITIVE_INFINITY;
    for (const { at } of account.tasks.values()) next = Math.min(next, at);
    if (account.tasks.size === 0) return;
    cancel = account.clock.after(next - account.clock.now(), () => {
      if (settle()) changed();
    });
  };
  return { settle, arm, stop: () => cancel() };
};

const perform = (account: Account, task: Task): void => {
  if (task.kind === 'activate') {
    const balancer = account.serving.loadBalancers.get(task.loadBalancer);
    if (balancer !== undefined) balancer.State = { Code: 'active' };
  } else if (task.kind === 'release') {
    for (const [id, nic] of account.network.interfaces) {
      if (nic.loadBalancer === task.loadBalancer) account.network.interfaces.delete(id);
    }
  } else if (task.kind === 'drained') {
    account.serving.targetGroups.get(task.targetGroup)?.targets.delete(task.target);
  } else if (task.kind === 'issue') {
    issueCertificate(account, task.certificate);
  } else if (task.kind === 'terminated') {
    account.serving.instances.delete(task.instance);
    account.network.tags.delete(task.instance);
  } else if (task.kind === 'in-sync') {
    const change = account.changes.get(task.change);
    if (change !== undefined) change.status = 'INSYNC';
  }
};
