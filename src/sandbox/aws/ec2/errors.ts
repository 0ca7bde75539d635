/** Errors of EC2, which models none: bare codes with AWS's status. */
import { refuse } from '../wire/refusal.ts';

export const notFound = (code: string, what: string, id: string) =>
  refuse(code, `The ${what} '${id}' does not exist`);

export const invalidValue = (message: string) => refuse('InvalidParameterValue', message);

export const dependent = (what: string, id: string) =>
  refuse('DependencyViolation', `The ${what} '${id}' has dependencies and cannot be deleted.`);

/** To be called when everything is checked and nothing is done yet. */
export const stopIfDryRun = ({ DryRun }: { readonly DryRun?: boolean | undefined }): void => {
  if (DryRun === true)
    throw refuse('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
};
