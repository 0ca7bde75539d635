import type { Loopback } from './loopback.ts';
import type { Container, Probe } from './objects.ts';
import { attempt } from './probe-attempt.ts';

/** What probes find out about one container. */
export type ProbeHooks = {
  readonly onReady: (ready: boolean) => void;
  /** An attempt failed; `what` names the probe, as in an Event. */
  readonly onUnhealthy: (what: string) => void;
  /** The liveness or startup probe has failed as often as it may: the container is to be restarted. */
  readonly onDead: (why: string) => void;
};

/** Watches one container with its startup, readiness and liveness probes; the result ends the watching. */
export const watchProbes = (
  loopback: Loopback,
  ip: string,
  container: Container,
  { onReady, onUnhealthy, onDead }: ProbeHooks,
): (() => void) => {
  const stops: (() => void)[] = [];
  const run = (name: string, probe: Probe, from: boolean, onChange: (good: boolean) => void): void => {
    const said = (why: string): void => onUnhealthy(`${name} probe failed: ${why}`);
    stops.push(repeat(() => attempt(loopback, ip, container, probe), probe, { from, said, onChange }));
  };
  const watchRunning = (): void => {
    const { readinessProbe, livenessProbe } = container;
    if (readinessProbe === undefined) onReady(true);
    else run('Readiness', readinessProbe, false, onReady);
    if (livenessProbe !== undefined)
      run('Liveness', livenessProbe, true, (good) => {
        // What cannot be tried says nothing about the container.
        if (!good && canTry(livenessProbe)) onDead('failed liveness probe');
      });
  };
  const { startupProbe } = container;
  if (startupProbe === undefined) watchRunning();
  else {
    const thresholds = { ...startupProbe, successThreshold: 1 };
    let failures = 0;
    const said = (why: string): void => {
      onUnhealthy(`Startup probe failed: ${why}`);
      failures += 1;
      if (failures >= (startupProbe.failureThreshold ?? 3) && canTry(startupProbe))
        onDead('failed startup probe');
    };
    const stop = repeat(() => attempt(loopback, ip, container, startupProbe), thresholds, {
      from: false,
      said,
      onChange: () => {
        stop();
        watchRunning();
      },
    });
    stops.push(stop);
  }
  return () => {
    for (const stop of stops) stop();
  };
};

const canTry = ({ httpGet, tcpSocket, grpc }: Probe): boolean =>
  httpGet !== undefined || tcpSocket !== undefined || grpc !== undefined;

type Repeating = {
  /** What is held true before the first attempt. */
  readonly from: boolean;
  readonly said: (why: string) => void;
  readonly onChange: (good: boolean) => void;
};

/** Tries again and again; the verdict changes after as many equal results in a row as the probe says. */
const repeat = (
  once: () => ReturnType<typeof attempt>,
  probe: Probe,
  { from, said, onChange }: Repeating,
): (() => void) => {
  let held = from;
  let streak = 0;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const tick = async (): Promise<void> => {
    const result = await once();
    if (stopped) return;
    if (!result.good) said(result.why);
    streak = result.good === held ? 0 : streak + 1;
    const needed = result.good ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
    if (result.good !== held && streak >= needed) {
      held = result.good;
      streak = 0;
      onChange(held);
    }
    if (!stopped) again(probe.periodSeconds ?? 10);
  };
  const again = (seconds: number): void => {
    timer = setTimeout(() => void tick(), seconds * 1000);
  };
  again(probe.initialDelaySeconds ?? 0);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
};
