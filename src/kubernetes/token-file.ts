import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { parse } from 'yaml';

/**
 * client-node overlooks a user's `tokenFile` and would send no credentials at all. Here the file is used as kubectl
 * does: read again as it changes, and preferred to a `token` beside it.
 * https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/#AuthInfo
 */
export const useTokenFile = (config: KubeConfig, kubeconfig: string | undefined): void => {
  const current = config.getCurrentUser();
  if (!current) return;
  const tokenFile = filesOf(kubeconfig)
    .map((path) => tokenFileIn(path, current.name))
    .find((found) => found !== undefined);
  if (!tokenFile) return;
  const { token: _, ...rest } = current;
  const user = { ...rest, authProvider: { name: 'tokenFile', config: { tokenFile } } };
  config.users = config.users.map((one) => (one.name === current.name ? user : one));
};

const filesOf = (kubeconfig: string | undefined): readonly string[] => {
  if (kubeconfig !== undefined) return [kubeconfig];
  const named = (process.env.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== '');
  return named.length > 0 ? named : [join(homedir(), '.kube/config')];
};

/** Relative paths are meant from the file they stand in. Empty for the user without one, undefined without the user. */
const tokenFileIn = (path: string, name: string): string | undefined => {
  const users = usersIn(path);
  const found = users.find((one) => one.name === name);
  if (found === undefined) return undefined;
  return found.tokenFile === undefined ? '' : resolve(dirname(path), found.tokenFile);
};

type Named = { readonly name: unknown; readonly tokenFile: string | undefined };

const usersIn = (path: string): readonly Named[] => {
  const users = field(readYaml(path), 'users');
  if (!Array.isArray(users)) return [];
  return users.map((one: unknown) => {
    const tokenFile = field(field(one, 'user'), 'tokenFile');
    return { name: field(one, 'name'), tokenFile: typeof tokenFile === 'string' ? tokenFile : undefined };
  });
};

const readYaml = (path: string): unknown => {
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch {
    // A Pod has no such file; one that cannot be read has been refused by client-node already.
    return undefined;
  }
};

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
