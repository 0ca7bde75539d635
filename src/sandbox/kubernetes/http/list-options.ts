import type { ListOptions } from '../api/read.ts';
import { type Exchange, query } from './answer.ts';

/** What the query of a list says about selection and paging. */
export const listOptions = (exchange: Exchange): ListOptions => {
  const limit = query(exchange, 'limit');
  return {
    labelSelector: query(exchange, 'labelSelector'),
    fieldSelector: query(exchange, 'fieldSelector'),
    limit: limit === undefined ? undefined : Number(limit) || 0,
    continue: query(exchange, 'continue'),
    resourceVersion: query(exchange, 'resourceVersion'),
    exact: query(exchange, 'resourceVersionMatch') === 'Exact',
  };
};
