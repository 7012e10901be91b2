-- Made by an ORM: quoted names, a numbered key without a default, links to asset classes and
-- markets, a class that must not be NULL, and nothing that keeps a ticker from being stored twice.
CREATE TABLE "AssetClasses" ("Id" uuid PRIMARY KEY, "Code" text NOT NULL, "Name" text NOT NULL);
CREATE TABLE "Markets" ("Id" uuid PRIMARY KEY, "Code" text NOT NULL, "Name" text NOT NULL);
INSERT INTO "AssetClasses"
SELECT md5(code)::uuid, code, initcap(code)
  FROM unnest(ARRAY['CRYPTO', 'STOCK', 'STOCK_BIST', 'FOREX', 'COMMODITY', 'ETF']) AS c (code);
INSERT INTO "Markets"
SELECT md5(code)::uuid, code, initcap(code)
  FROM unnest(ARRAY['BINANCE', 'BIST', 'NASDAQ', 'NYSE', 'FOREX_MARKET']) AS c (code);
CREATE TABLE "Symbols" (
    "Id"            integer PRIMARY KEY,
    "Ticker"        text NOT NULL,
    "Exchange"      text,
    "AssetClass"    text NOT NULL,
    "AssetClassId"  uuid REFERENCES "AssetClasses",
    "MarketId"      uuid REFERENCES "Markets",
    "BaseCurrency"  text,
    "QuoteCurrency" text,
    "IsActive"      boolean NOT NULL,
    "CreatedAt"     timestamptz NOT NULL
);
CREATE TABLE "MarketData" (
    "Id"         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    "Symbol"     text NOT NULL,
    "Venue"      text,
    "Timestamp"  timestamptz NOT NULL,
    "AssetClass" text
);
