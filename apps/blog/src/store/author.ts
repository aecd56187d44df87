/** Who writes. */
export interface Author {
  readonly id: number
  readonly email: string
  readonly name: string
}

/** An author with what the login needs. */
export interface AuthorWithPassword extends Author {
  /** As `hashPassword` made it. */
  readonly password: string
}
