import { type Options, UsageError } from './options.ts';

/** Names of EKS (at most 100 characters), and names with dots, as kOps gives them. They stand in tags and in TXT records. */
const NAME = /^[a-z0-9][a-z0-9._-]{0,99}$/i;

/** `--cluster-name`; undefined when it is not given. Throws {@link UsageError} for a name that no cluster can have. */
export const clusterNameIn = (options: Options): string | undefined => {
  const name = options.text('cluster-name');
  if (name === undefined || name === '' || NAME.test(name)) return name || undefined;
  throw new UsageError(
    `--cluster-name: expected at most 100 letters, digits, dots, hyphens and underscores, the first one a letter or digit, got ${JSON.stringify(name)}`,
  );
};

/** The same where it has to be given. */
export const clusterNameOf = (options: Options): string =>
  clusterNameIn(options) ?? options.required('cluster-name');
