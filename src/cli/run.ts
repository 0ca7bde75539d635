/** `alb-ingress run`: the controller against a cluster and an account. */
import { connectAws } from '../aws/aws.ts';
import { makeController } from '../controller/controller.ts';
import { connectKube } from '../kubernetes/kube.ts';
import { systemClock } from './clock.ts';
import { serveHealth } from './health.ts';
import { jsonLog } from './log.ts';
import { readOptions } from './options.ts';
import { VERSION } from './version.ts';

export const CONTROLLER_NAME = 'alb-ingress-controller';

/** Runs until SIGTERM or SIGINT. */
export const run = async (argv: readonly string[]): Promise<number> => {
  const options = readOptions('run', argv, process.env);
  const log = jsonLog(options.level());
  for (const remark of options.remarks) log('warn', remark);
  if (options.text('default-backend-service'))
    log('info', '--default-backend-service is not needed: load balancers answer 404 to what no rule matches');
  const cluster = options.required('cluster-name');
  const namespaces = options.list('watch-namespace');
  const dns = !options.truth('disable-route53');
  const vpc = options.text('aws-vpc-id');
  const kubeconfig = options.text('kubeconfig');
  const aws = connectAws({
    region: options.required('aws-region'),
    clusterName: cluster,
    ...(vpc && { vpcId: vpc }),
    budget: options.text('aws-rate-budget') === 'off' ? 'off' : 'aws',
    route53: dns ? 'on' : 'off',
    log,
  });
  const kube = connectKube({
    ...(kubeconfig && { kubeconfig }),
    namespaces,
    clock: systemClock,
    log,
    controllerName: CONTROLLER_NAME,
  });
  const controller = makeController(
    {
      cluster,
      scope: { ingressClass: options.required('ingress-class'), namespaces },
      dns,
      graces: {
        loadBalancer: options.seconds('load-balancer-grace'),
        targetGroup: options.seconds('target-group-grace'),
      },
      auditSeconds: options.seconds('sync-period'),
    },
    { aws, kube, clock: systemClock, log },
  );
  const stopped = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
  log('info', 'starting', { version: VERSION, cluster, namespaces });
  const health = await serveHealth(options.port('healthz-port'), { kube, controller });
  const started = controller.start().then(() => log('info', 'started'));
  const reason = await Promise.race([stopped, started.then(() => stopped)]);
  log('info', 'stopping', { reason });
  await controller.stop();
  await kube.stop();
  await health.close();
  log('info', 'stopped');
  return 0;
};
