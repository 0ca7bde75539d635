import packageJson from '../../package.json' with { type: 'json' };

/** The version of this program, from package.json. */
export const VERSION: string = packageJson.version;

export const version = (): number => {
  process.stdout.write(`alb-ingress ${VERSION} (node ${process.versions.node})\n`);
  return 0;
};
