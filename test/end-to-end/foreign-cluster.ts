/** A cluster that is not the sandbox's: the tests bring AWS, somebody else brings Kubernetes. */
import { readFileSync } from 'node:fs';
import { type CloudOptions, environmentOf, startCloud } from '../../src/sandbox/cloud.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';

const FILE = process.env.ALB_E2E_KUBECONFIG;

/** What tests may use of a sandbox, whoever's the cluster is. */
export type Box = Pick<
  Sandbox,
  'aws' | 'kubeconfig' | 'awsUrl' | 'proxyUrl' | 'dnsPort' | 'awsEnvironment' | 'resolves' | 'stop'
>;

/** Why tests that send requests to Pods are skipped. */
export const noTraffic: string | false =
  FILE === undefined
    ? false
    : `the Pods of the cluster in ${FILE} have no addresses on this machine's loopback`;

/** The sandbox's AWS for the cluster of ALB_E2E_KUBECONFIG; undefined when that is not set. */
export const foreignBox = async (options: CloudOptions): Promise<Box | undefined> => {
  if (FILE === undefined) return undefined;
  const kubeconfig = readFileSync(FILE, 'utf8');
  const { aws, ...served } = await startCloud(options);
  return { ...served, aws, awsUrl: aws.url, kubeconfig, awsEnvironment: environmentOf(aws) };
};
