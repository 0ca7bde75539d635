/** From options to what a cluster and an account are reached with; the same for every command. */

import type { AwsOptions } from '../aws/aws.ts';
import type { Settings } from '../controller/look.ts';
import type { Log } from '../core/ports.ts';
import type { KubeOptions } from '../kubernetes/kube.ts';
import { systemClock } from './clock.ts';
import { clusterNameIn, clusterNameOf } from './cluster-name.ts';
import { CONTROLLER_NAME } from './controller-name.ts';
import { readDefaults } from './defaults.ts';
import type { Options } from './options.ts';
import { recordAccessOf, recordRulesOf } from './record-options.ts';

/** What to look after and how, as `run` and `plan` both read it. */
export const settingsOf = (options: Options, cluster: string): Omit<Settings, 'auditSeconds'> => ({
  cluster,
  scope: {
    ingressClass: options.required('ingress-class'),
    withoutClass: options.truth('ingress-without-class'),
    namespaces: options.list('watch-namespace'),
    defaults: readDefaults(options),
  },
  dns: !options.truth('disable-route53'),
  recordRules: recordRulesOf(options),
  graces: {
    loadBalancer: options.seconds('load-balancer-grace'),
    targetGroup: options.seconds('target-group-grace'),
    certificate: options.seconds('certificate-grace'),
  },
  targetHealthWait: options.seconds('target-health-wait'),
});

export const awsOptionsOf = (options: Options, log: Log): AwsOptions => {
  const vpc = options.text('aws-vpc-id');
  return {
    region: options.required('aws-region'),
    clusterName: clusterNameOf(options),
    ...(vpc && { vpcId: vpc }),
    budget: options.word('aws-rate-budget'),
    route53: options.truth('disable-route53') ? 'off' : 'on',
    ...recordAccessOf(options),
    log,
  };
};

export const kubeOptionsOf = (options: Options, log: Log): KubeOptions => {
  const kubeconfig = options.text('kubeconfig');
  return {
    ...(kubeconfig && { kubeconfig }),
    namespaces: options.list('watch-namespace'),
    clock: systemClock,
    log,
    controllerName: CONTROLLER_NAME,
    owner: `${clusterNameIn(options) ?? ''}/${options.required('ingress-class')}`,
  };
};
