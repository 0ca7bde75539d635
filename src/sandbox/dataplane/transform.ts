import type { RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2';
import { patternReplacer } from './pattern.ts';

/** What is sent instead of the client's own words. */
export type Rewritten = { readonly host: string; readonly uri: string };

/** Throws when the outcome is no longer a host or a path; the load balancer then answers 500. */
export type Transform = (request: Rewritten) => Rewritten;

/**
 * Compiles a rule's transforms: at most one of each type, run after matching and before sending. url-rewrite acts on
 * path and query together; text the pattern does not match stays as it is (AWS documentation).
 */
export const compileTransforms = (transforms: readonly RuleTransform[]): Transform | undefined => {
  const steps = transforms.map(compileTransform);
  return steps.length === 0 ? undefined : (request) => steps.reduce((text, step) => step(text), request);
};

const compileTransform = (transform: RuleTransform): Transform => {
  switch (transform.Type) {
    case 'url-rewrite': {
      const rewrite = replacer(transform.UrlRewriteConfig?.Rewrites);
      return ({ host, uri }) => ({
        host,
        uri: checked(rewrite(uri), /^\/[^\s#]*$/, 'url-rewrite gave no path'),
      });
    }
    case 'host-header-rewrite': {
      const rewrite = replacer(transform.HostHeaderRewriteConfig?.Rewrites);
      return ({ host, uri }) => ({
        host: checked(rewrite(host), HOST, 'host-header-rewrite gave no host'),
        uri,
      });
    }
    default:
      throw new Error(`transform '${transform.Type}' is not one a load balancer knows`);
  }
};

const HOST = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/;

const replacer = (
  rewrites: readonly { Regex: string | undefined; Replace: string | undefined }[] | undefined,
): ((text: string) => string) => {
  const [rewrite] = rewrites ?? [];
  if (rewrite?.Regex === undefined) throw new Error('a transform has no Rewrites[0].Regex');
  return patternReplacer(rewrite.Regex, rewrite.Replace ?? '');
};

const checked = (text: string, shape: RegExp, problem: string): string => {
  if (!shape.test(text)) throw new Error(`${problem}: '${text}'`);
  return text;
};
