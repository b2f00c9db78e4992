/** What a client of Exchange's web services says. */
export type EwsEvent =
  | {
      /** One HTTP request of ours, once it has ended. */
      readonly type: 'ews.request'
      readonly purpose: 'realm-discovery' | 'token' | 'GetUserOofSettings'
      readonly method: string
      readonly url: string
      /** Missing when no answer came. */
      readonly status?: number
      /** Why no answer came. */
      readonly text?: string
    }
  | {
      readonly type: 'oauth.token-issued'
      readonly application: string
      /** The audience the token is for. */
      readonly resource: string
      /** Wall ms. */
      readonly expires: number
    }
  | {
      readonly type: 'oauth.refused'
      readonly by: 'authorization-server' | 'ews'
      readonly application: string
      readonly status: number
      /** The text of x-ms-diagnostics, or of the authorization server's error_description. */
      readonly diagnostics: string
    }
  | { readonly type: 'ews.oof'; readonly mailbox: string; readonly active: boolean }
