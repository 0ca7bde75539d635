/** The two embedded APIs in a process of their own, for test/bench/kubernetes.ts; ends when its parent does. */
import { startAws } from '../../src/sandbox/aws/server.ts';
import { startKubernetes } from '../../src/sandbox/kubernetes/server.ts';

const [kubernetes] = await Promise.all([startKubernetes(), startAws({ region: 'us-west-1' })]);

const memory = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().rss / 2 ** 20;
};

process.on('disconnect', () => process.exit());
process.on('message', () => process.send?.({ memory: memory() }));
// performance.now() counts from the start of the process, so loading the modules is in it.
process.send?.({
  kubeconfig: kubernetes.kubeconfig,
  milliseconds: performance.now(),
  memory: process.memoryUsage().rss / 2 ** 20,
});
