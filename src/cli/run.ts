/** `alb-ingress run`: the controller against a cluster and an account. */

import { connectAws } from '../aws/aws.ts';
import { type Controller, makeController, type Turn } from '../controller/controller.ts';
import { fenced } from '../controller/fence.ts';
import { secretIn } from '../core/kube/snapshot.ts';
import type { Aws, Kube, Log } from '../core/ports.ts';
import { gateFor } from '../core/translate/gate-injection.ts';
import type { Scope } from '../core/translate/membership.ts';
import { connectKube } from '../kubernetes/kube.ts';
import { systemClock } from './clock.ts';
import { clusterNameOf } from './cluster-name.ts';
import { awsOptionsOf, kubeOptionsOf, settingsOf } from './connections.ts';
import { CONTROLLER_NAME } from './controller-name.ts';
import { type Election, openElection } from './election.ts';
import { healthAddresses, serveHealth } from './health.ts';
import { readListenAddress } from './listen-address.ts';
import { jsonLog } from './log.ts';
import { makeMetrics } from './metrics.ts';
import { type Options, readOptions } from './options.ts';
import { servePodWebhook } from './pod-webhook.ts';
import { VERSION } from './version.ts';

/** Runs until SIGTERM or SIGINT, or until leadership is lost (exit code 1: whoever runs it starts it again). */
export const run = async (argv: readonly string[]): Promise<number> => {
  const options = readOptions('run', argv, process.env);
  const log = jsonLog(options.word('log-level'));
  for (const remark of options.remarks) log('warn', remark);
  const settings = {
    ...settingsOf(options, clusterNameOf(options)),
    auditSeconds: options.seconds('sync-period'),
  };
  const { cluster, scope } = settings;
  const addresses = healthAddresses(options);
  const metrics = makeMetrics();
  const election = openElection(options, CONTROLLER_NAME, log);
  const kube = connectKube({ ...kubeOptionsOf(options, log), onCall: metrics.onKubernetesCall });
  const aws = forgetful(() =>
    connectAws({
      ...awsOptionsOf(options, log),
      secretAt: (id) => secretIn(kube.snapshot(), id),
      onCall: metrics.onAwsCall,
      mayWrite: () => election?.mayWrite() ?? true,
    }),
  );
  const stopped = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
  const namespaces = scope.namespaces?.length ? scope.namespaces : 'all';
  log('info', 'starting', { version: VERSION, cluster, namespaces });
  const ports = { aws: metrics.counted(aws.port), kube, clock: systemClock, log, meter: metrics.meter };
  const turn: Turn | undefined = election && { comes: election.elected, forget: aws.forget };
  const controller = makeController(
    settings,
    election && turn ? { ...fenced(ports, election), turn } : ports,
  );
  const leads = (): boolean => election?.mayWrite() ?? controller.stats().started;
  const health = await serveHealth(addresses, { kube, controller, metrics, leads });
  for (const place of health.places) log('info', 'listening', place);
  const webhook = await openWebhook(options, kube, scope, log);
  const started = controller.start().then(() => log('info', 'started'));
  const lost =
    election?.lost.then((reason) => `no leader (any more): ${reason}`) ?? new Promise<never>(() => {});
  const reason = await Promise.race([stopped, lost, started.then(() => Promise.race([stopped, lost]))]);
  const orderly = reason.startsWith('SIG');
  log(orderly ? 'info' : 'error', 'stopping', { reason });
  await finish(controller, election, log);
  await kube.stop();
  await health.close();
  await webhook?.close();
  await election?.close();
  log('info', 'stopped');
  return orderly ? 0 : 1;
};

/** The optional webhook; it answers on every replica, since it only reads. */
const openWebhook = async (
  options: Options,
  kube: Pick<Kube, 'snapshot'>,
  scope: Scope,
  log: Log,
): Promise<{ readonly close: () => Promise<void> } | undefined> => {
  const given = options.text('pod-webhook-bind-addr');
  const address = given === undefined ? undefined : readListenAddress('pod-webhook-bind-addr', given);
  if (!address) return undefined;
  const certificates = options.required('webhook-cert-dir');
  return servePodWebhook({
    address,
    certificates,
    log,
    gateFor: (pod) => gateFor(pod, kube.snapshot(), scope),
  });
};

/** Calls under way may end, but not outlive the lease: then others may write, and this process must not. */
const finish = async (controller: Controller, election: Election | undefined, log: Log): Promise<void> => {
  const guard = setInterval(() => {
    if (!election || election.msLeft() > 0) return;
    log('error', 'calls were still under way when the lease ended');
    process.exit(1);
  }, 50);
  await controller.stop();
  clearInterval(guard);
  await election?.release();
};

/** A connection that can be exchanged for a new one that remembers nothing. */
const forgetful = (connect: () => Aws): { readonly port: Aws; readonly forget: () => void } => {
  let current = connect();
  return {
    port: {
      groups: {
        find: (...given) => current.groups.find(...given),
        health: (...given) => current.groups.health(...given),
        fill: (...given) => current.groups.fill(...given),
      },
      facts: (...given) => current.facts(...given),
      inventory: (...given) => current.inventory(...given),
      observe: (...given) => current.observe(...given),
      lookUpNames: (...given) => current.lookUpNames(...given),
      perform: (...given) => current.perform(...given),
      serving: (...given) => current.serving(...given),
      targetHealth: (...given) => current.targetHealth(...given),
    },
    forget: () => {
      current = connect();
    },
  };
};
