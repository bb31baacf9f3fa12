export { canonicalJson } from './canonical-json.js';
export { sha256Hex, sameSecret, BlindIndex } from './hash.js';
export { FieldCipher, DecryptionFailed, keyIdOf, type FieldKeys } from './field-cipher.js';
export { hashPassword, verifyPassword } from './passwords.js';
export {
  MessageSigner,
  MessageVerifier,
  type SigningKey,
  type KnownKey,
  type PublicKeys,
  type SignedParts,
} from './message-signature.js';
export { isSignedText, TextSigner, keyFingerprint } from './text-signature.js';
export { roleNames, mayAct, type Role, type Grant, type Caller } from './roles.js';
export { TokenIssuer, TokenVerifier, TokenRefused, type RealTime } from './service-tokens.js';
export { UserTokens, type UserSession } from './user-tokens.js';
export {
  readSecrets,
  parseSecrets,
  makeSecrets,
  makeSigningKey,
  publicKeysOf,
  type LedgerKeySecrets,
  type Secrets,
  type ServiceSecrets,
} from './secrets.js';
export { serviceNames, type ServiceName } from './service-name.js';
