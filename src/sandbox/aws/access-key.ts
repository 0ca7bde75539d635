/** Which account an access key is of. */

/** Of temporary credentials for an account; the form of AWS, with the account written in it. */
export const accessKeyOf = (account: string): string => `ASIASBOX${account}`;

/** Access keys of twelve digits, or with an account written in them, are that account's; all others the main one's. */
export const accountOf = (accessKey: string, main: string): string =>
  /^(?:ASIASBOX)?(\d{12})$/.exec(accessKey)?.[1] ?? main;
