/** `alb-ingress run`: the controller against a cluster and an account. */
import { type AwsOptions, connectAws } from '../aws/aws.ts';
import { type Controller, makeController, type Turn } from '../controller/controller.ts';
import { fenced } from '../controller/fence.ts';
import type { Settings } from '../controller/reconcile.ts';
import type { Aws, Log } from '../core/ports.ts';
import { connectKube } from '../kubernetes/kube.ts';
import { systemClock } from './clock.ts';
import { readDefaults } from './defaults.ts';
import { type Election, openElection } from './election.ts';
import { healthAddresses, serveHealth } from './health.ts';
import { jsonLog } from './log.ts';
import { makeMetrics } from './metrics.ts';
import { type Options, readOptions } from './options.ts';
import { recordAccessOf, recordRulesOf } from './record-options.ts';
import { VERSION } from './version.ts';

export const CONTROLLER_NAME = 'alb-ingress-controller';

/** Runs until SIGTERM or SIGINT, or until leadership is lost (exit code 1: whoever runs it starts it again). */
export const run = async (argv: readonly string[]): Promise<number> => {
  const options = readOptions('run', argv, process.env);
  const log = jsonLog(options.level());
  for (const remark of options.remarks) log('warn', remark);
  if (options.text('default-backend-service'))
    log('info', '--default-backend-service is not needed: load balancers answer 404 to what no rule matches');
  const settings = settingsOf(options);
  const { cluster, scope } = settings;
  const addresses = healthAddresses(options);
  const metrics = makeMetrics();
  const election = openElection(options, CONTROLLER_NAME, log);
  const aws = forgetful(() =>
    connectAws({
      ...awsOptions(options, log),
      onCall: metrics.onAwsCall,
      mayWrite: () => election?.mayWrite() ?? true,
    }),
  );
  const kubeconfig = options.text('kubeconfig');
  const kube = connectKube({
    ...(kubeconfig && { kubeconfig }),
    namespaces: scope.namespaces,
    clock: systemClock,
    log,
    controllerName: CONTROLLER_NAME,
    onCall: metrics.onKubernetesCall,
  });
  const stopped = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
  log('info', 'starting', { version: VERSION, cluster, namespaces: scope.namespaces });
  const ports = { aws: metrics.counted(aws.port), kube, clock: systemClock, log, meter: metrics.meter };
  const turn: Turn | undefined = election && { comes: election.elected, forget: aws.forget };
  const controller = makeController(
    settings,
    election && turn ? { ...fenced(ports, election), turn } : ports,
  );
  const leads = (): boolean => election?.mayWrite() ?? controller.stats().started;
  const health = await serveHealth(addresses, { kube, controller, metrics, leads });
  const started = controller.start().then(() => log('info', 'started'));
  const lost =
    election?.lost.then((reason) => `no leader (any more): ${reason}`) ?? new Promise<never>(() => {});
  const reason = await Promise.race([stopped, lost, started.then(() => Promise.race([stopped, lost]))]);
  const orderly = reason.startsWith('SIG');
  log(orderly ? 'info' : 'error', 'stopping', { reason });
  await finish(controller, election, log);
  await kube.stop();
  await health.close();
  await election?.close();
  log('info', 'stopped');
  return orderly ? 0 : 1;
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

const settingsOf = (options: Options): Settings => ({
  cluster: options.required('cluster-name'),
  scope: {
    ingressClass: options.required('ingress-class'),
    namespaces: options.list('watch-namespace'),
    defaults: readDefaults(options),
  },
  dns: !options.truth('disable-route53'),
  recordRules: recordRulesOf(options),
  graces: {
    loadBalancer: options.seconds('load-balancer-grace'),
    targetGroup: options.seconds('target-group-grace'),
  },
  auditSeconds: options.seconds('sync-period'),
});

const awsOptions = (options: Options, log: Log): AwsOptions => {
  const vpc = options.text('aws-vpc-id');
  return {
    region: options.required('aws-region'),
    clusterName: options.required('cluster-name'),
    ...(vpc && { vpcId: vpc }),
    budget: options.text('aws-rate-budget') === 'off' ? 'off' : 'aws',
    route53: options.truth('disable-route53') ? 'off' : 'on',
    ...recordAccessOf(options),
    log,
  };
};

/** A connection that can be exchanged for a new one that remembers nothing. */
const forgetful = (connect: () => Aws): { readonly port: Aws; readonly forget: () => void } => {
  let current = connect();
  return {
    port: {
      facts: (...given) => current.facts(...given),
      inventory: (...given) => current.inventory(...given),
      observe: (...given) => current.observe(...given),
      lookUpNames: (...given) => current.lookUpNames(...given),
      perform: (...given) => current.perform(...given),
      serving: (...given) => current.serving(...given),
    },
    forget: () => {
      current = connect();
    },
  };
};
