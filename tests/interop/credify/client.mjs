// The provider's own client runs its calls against the crate's sandbox, over real sockets. See `run` beside this file.
//
// Its mode `local` knows two fixed ports, so two forwarders stand there for the length of the run.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createServer, connect } from "node:net";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const { Credify } = require("@credify/nodejs");
const { Signing } = require("@credify/crypto");

const features = ["--quiet", "--features", "full", "--example", "sandbox"];
assert.equal(spawnSync("cargo", ["build", ...features], { stdio: "inherit" }).status, 0, "the sandbox builds");
const program = join(process.env.CARGO_TARGET_DIR ?? "target", "debug", "examples", "sandbox");
const sandbox = spawn(program, { env: { ...process.env, SANDBOX_PORT: "0" }, stdio: ["ignore", "pipe", "inherit"] });

const settings = await new Promise((resolve, reject) => {
  let text = "";
  sandbox.on("exit", () => reject(new Error("the sandbox ended")));
  sandbox.stdout.on("data", (chunk) => {
    text += chunk;
    if (text.includes("Ctrl-C")) {
      resolve(Object.fromEntries([...text.matchAll(/^export (\w+)='(.*)'$/gm)].map((found) => found.slice(1))));
    }
  });
});

function forward(port, base) {
  const { hostname, port: target } = new URL(base);
  const server = createServer((from) => {
    const to = connect(Number(target), hostname);
    from.pipe(to).pipe(from);
    from.on("error", () => to.destroy());
    to.on("error", () => from.destroy());
  });
  return new Promise((resolve) => server.listen(port, "localhost", () => resolve(server)));
}

let compared = 0;
const same = (what, ours, theirs) => {
  assert.deepEqual(ours, theirs, what);
  compared += 1;
};
const refused = async (what, call) => {
  await assert.rejects(call, what);
  compared += 1;
};

const servers = [await forward(8000, settings.CREDIFY_API_BASE), await forward(4444, settings.CREDIFY_OIDC_BASE)];
const print = console.log;
try {
  // The client prints what it does, secrets among it.
  console.log = console.error = () => {};
  await run();
} finally {
  console.log = print;
  sandbox.removeAllListeners("exit");
  sandbox.kill();
  servers.forEach((server) => server.close());
}
print(`@credify/nodejs ran its calls against the crate's sandbox: ${compared} comparisons`);
process.exit(0);

async function run() {
  const organisation = settings.CREDIFY_ORGANISATION_ID;
  const user = "ba3d1f1a-57eb-4fc2-a6aa-dfaf4a359512";
  const pem = `-----BEGIN PRIVATE KEY-----\n${settings.CREDIFY_SIGNING_KEY.replace(/-/g, "+").replace(/_/g, "/")}\n-----END PRIVATE KEY-----`;
  const credify = await Credify.create(pem, settings.CREDIFY_API_KEY, { mode: "local" });
  assert.ok(credify.accessToken, "an access token in the SDK's form");
  compared += 1;

  // Offers.
  const list = await credify.offer.getList("7", { phoneNumber: "0381234567", countryCode: "84" });
  same("the list", list.offers.map((offer) => offer.code), ["offer-1"]);
  same("the detail", (await credify.offer.getOfferDetail("offer-1")).reviewStatus, "APPROVED");
  await refused("an unknown offer", () => credify.offer.getOfferDetail("nothing"));
  same("campaigns", (await credify.offer.getCampaigns()).map((campaign) => campaign.id), ["campaign-1"]);
  const inputs = {
    market: "m",
    transactionAmount: { value: "1200", currency: "VND" },
    loanTenor: { value: 12, unit: "MONTH" },
    disbursementDate: "2022-09-12",
  };
  const simulated = await credify.offer.simulate("consumer-financing:unsecured-loan:bnpl", [], inputs);
  same("a simulation", simulated.data.simulations[0].monthlyPayment, { value: "100", currency: "VND" });

  // Orders.
  const recipient = { name: "Demo", number: "190", branch: "", bank: "Techcombank", type: "BANK_ACCOUNT" };
  const money = { value: 1000000, currency: "VND" };
  const line = { name: "x", referenceId: "r", unitPrice: money, subtotal: money, quantity: "1", measurementUnit: "EA" };
  const order = await credify.bnpl.createOrder("1112", money, [line], recipient);
  same("a new order", order.orderStatus, "PENDING");
  same("its amount is a text", order.totalAmount, { value: "1000000", currency: "VND" });
  const months = (value) => ({ value, unit: "MONTH" });
  const completed = await credify.bnpl.completeOrder(order.id, money, 5.6, months(12), months(1), 0.2, "1234567", user);
  same("a completed order", completed.orderStatus, "APPROVED");
  same("orders of a person", (await credify.bnpl.getOrders(user)).map((one) => one.id), [order.id]);
  same("one order", (await credify.bnpl.getOrder(order.id)).referenceId, "1112");
  same("its detail", (await credify.bnpl.getOrderDetail(order.id)).id, order.id);
  same("a disbursement", (await credify.bnpl.disbursement(order.id)).orderStatus, "DISBURSING");
  await refused("a payment that is on its way", () => credify.bnpl.revertPayment(order.id));
  const other = await credify.bnpl.createOrder("1113", money, [line], recipient);
  same("a reverted payment", (await credify.bnpl.revertPayment(other.id)).orderStatus, "CANCELED");
  const info = await credify.offer.getBNPLInfo("7", { credifyId: user });
  same("paying later", [info.isAvailable, info.providers.length], [true, 1]);

  // Claims.
  const commitments = await credify.claims.push(organisation, user, { phone: { phone_number: "+84381234567" } });
  same("a push", Object.keys(commitments), ["phone"]);
  await refused("a push in another's name", () => credify.claims.push("another", user, { phone: {} }));

  // A person agrees; the client makes a key of its own for what is shared.
  const redirect = "https://provider.example/cb";
  const scopes = ["openid", "phone", "profile"];
  const begun = await credify.oidc.initiateOIDC(organisation, redirect, scopes, { state: "st", offerCode: "offer-1" });
  const answer = await fetch(begun.oidcUrl, { redirect: "manual" });
  const back = new URL(answer.headers.get("location"));
  same("the state", back.searchParams.get("state"), "st");
  const code = back.searchParams.get("code");
  const token = await credify.oidc.generateAccessToken(organisation, code, redirect);
  const accessToken = token.access_token ?? token.accessToken;
  await refused("a spent code", () => credify.oidc.generateAccessToken(organisation, code, redirect));
  const shared = await credify.oidc.userinfo(accessToken, begun.privateKey);
  same("who", shared.sub, user);
  assert.match(shared.phone.phone_number, /^\+/);
  same("a commitment", shared.phone.phone_commitment.length, 43);
  assert.ok(shared.profile.family_name.length > 0);
  same("what was not asked for", shared.email, undefined);
  same("introspection", await credify.auth.introspectToken(accessToken, "openid"), true);
  same("of another scope", await credify.auth.introspectToken(accessToken, "email"), false);
  const updated = await credify.offer.updateStatus(shared.transaction_id, "COMPLETED", money, "ref", undefined);
  same("a transaction", updated, true);
  await refused("an unknown transaction", () => credify.offer.updateStatus("nothing", "COMPLETED"));
  same("an unknown token", (await credify.auth.introspectTokenReturnResult("nothing")).data.active, false);

  // A new entity, with keys of its own.
  const signing = new Signing();
  signing.generateKeyPair();
  const profile = {
    name: { firstName: "John", lastName: "Kane" },
    emails: [{ email: "john.kane@example.com" }],
    phones: [{ phoneNumber: "38123456789", countryCode: "+84" }],
  };
  const keys = {
    signingPublicKey: signing.exportPublicKey(),
    signingSecret: signing.exportPrivateKey("Aa12345678!"),
    encryptionPublicKey: "EP",
    encryptionSecret: "ES",
  };
  assert.match(await credify.entity.create(profile, "Aa12345678!", keys), /^[0-9a-f-]{36}$/);
  compared += 1;
}
