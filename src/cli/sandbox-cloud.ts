/** `alb-ingress sandbox --aws-only`: AWS without a cluster, for any other tool that speaks to it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CloudOptions, environmentOf, startCloud } from '../sandbox/cloud.ts';
import { type Options, UsageError } from './options.ts';

/** Runs until `stopped`; resolves with the exit code. */
export const runCloud = async (
  cloud: CloudOptions,
  options: Options,
  stopped: Promise<void>,
): Promise<number> => {
  const useless = options.list('apply').length > 0 ? 'apply' : options.truth('once') ? 'once' : undefined;
  if (useless !== undefined)
    throw new UsageError(`--${useless} needs a cluster, which there is none of with --aws-only`);
  const { aws, proxyUrl, dnsPort, stop } = await startCloud(cloud);
  try {
    const env = join(cloud.dir, 'env');
    writeExports(env, { ...environmentOf(aws), ALB_PROXY: proxyUrl });
    cloud.log('');
    cloud.log(`sandbox ready: AWS ${aws.url}, proxy ${proxyUrl}, DNS 127.0.0.1:${dnsPort}`);
    cloud.log('try, in another terminal:');
    cloud.log(`  . ${env}`);
    cloud.log('  aws --endpoint-url $AWS_ENDPOINT_URL elbv2 describe-load-balancers');
    cloud.log('  curl $AWS_ENDPOINT_URL/_sandbox    # clock, faults, throttling, journal, snapshots');
    await stopped;
    return 0;
  } finally {
    await stop();
  }
};

/** A file that a shell reads with `.`. */
export const writeExports = (file: string, env: Readonly<Record<string, string>>): void => {
  const lines = Object.entries(env).map(
    ([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`,
  );
  writeFileSync(file, lines.join(''), { mode: 0o600 });
};
