/* What the log-in library's passkey scripts do not say: why nothing happened. */
(() => {
  const BUTTONS = "#passkey_login, #mfa_webauthn_add, #mfa_webauthn_authenticate, #mfa_webauthn_reauthenticate";
  const SENTENCES = {
    NotAllowedError: "No key was used: the request was cancelled or took too long. Try again.",
    InvalidStateError: "This key is already in your account. Use another one.",
    SecurityError: "Keys work only on the site's own HTTPS address. Check the address in your browser.",
    NotSupportedError: "This device cannot make such a key. Use another device or key.",
    ConstraintError: "This device cannot make such a key. Use another device or key.",
  };
  const OTHER = "The key could not be used. Load the page again and retry.";

  const tell = (sentence) => {
    const place = document.querySelector("[data-passkey-problem]");
    if (!place) return;
    place.textContent = sentence;
    place.hidden = false;
  };

  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    tell(SENTENCES[event.detail.exception && event.detail.exception.name] || OTHER);
  });

  document.addEventListener("DOMContentLoaded", () => {
    if (window.PublicKeyCredential) return;
    document.querySelectorAll(BUTTONS).forEach((button) => { button.disabled = true; });
    tell("This browser has no passkeys, or the page was not loaded over HTTPS.");
  });
})();
