import { createHash } from 'node:crypto';
import { schemaOf } from '../admission/custom-resources.ts';
import type { Cluster } from '../api/cluster.ts';
import { noSuchResource } from '../api/errors.ts';
import { apiVersionOf } from '../kinds.ts';
import { createDescriptions } from '../schema/descriptions.ts';
import { type Descriptions, openApiDocument } from '../schema/openapi.ts';
import { type Exchange, sendJson, sendText } from './answer.ts';

export type OpenApi = { serve(exchange: Exchange): void };

/** Documents are made when first asked for and kept until a CustomResourceDefinition changes. */
export const createOpenApi = (cluster: Cluster): OpenApi => {
  let revision = -1;
  let documents = new Map<string, string>();
  let descriptions: Descriptions | undefined;
  const documentOf = (prefix: string): string => {
    if (cluster.kinds.revision() !== revision) {
      revision = cluster.kinds.revision();
      documents = new Map();
    }
    let text = documents.get(prefix);
    if (text === undefined) {
      descriptions ??= createDescriptions();
      const kinds = cluster.kinds
        .all()
        .filter((kind) => prefixOf(apiVersionOf(kind)) === prefix)
        .map((kind) => ({
          kind,
          schema:
            kind.type === undefined
              ? schemaOf(cluster.store.get(CRDS, undefined, kind.storage), kind.version)
              : undefined,
        }));
      if (kinds.length === 0) throw noSuchResource();
      text = JSON.stringify(openApiDocument(`/${prefix}`, kinds, descriptions));
      documents.set(prefix, text);
    }
    return text;
  };
  return {
    serve: (exchange) => {
      const { pathname } = exchange.url;
      if (pathname === '/openapi/v2')
        sendText(exchange, 200, '', 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
      else if (pathname === '/openapi/v3') sendJson(exchange, 200, { paths: indexOf(cluster) });
      else sendText(exchange, 200, documentOf(pathname.slice('/openapi/v3/'.length)), 'application/json');
    },
  };
};

const CRDS = 'customresourcedefinitions.apiextensions.k8s.io';

const prefixOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`;

/** The hash in each URL tells clients when their copy is stale; the built-in groups never change. */
const indexOf = (cluster: Cluster): Record<string, { serverRelativeURL: string }> => {
  const prefixes = new Set(cluster.kinds.all().map((kind) => prefixOf(apiVersionOf(kind))));
  return Object.fromEntries(
    [...prefixes].map((prefix) => {
      const hash = createHash('sha256')
        .update(`${prefix} ${cluster.kinds.revision()}`)
        .digest('hex')
        .slice(0, 32);
      return [prefix, { serverRelativeURL: `/openapi/v3/${prefix}?hash=${hash.toUpperCase()}` }];
    }),
  );
};
