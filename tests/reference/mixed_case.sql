-- Tables as an ORM makes them: quoted mixed-case names, keys without defaults, no unique codes, and
-- days by name.
CREATE TABLE "AssetClasses" (
    "Id"                  integer PRIMARY KEY,
    "Code"                varchar(20)  NOT NULL,
    "Name"                varchar(100) NOT NULL,
    "Supports24x7Trading" boolean      NOT NULL,
    "IsActive"            boolean      NOT NULL,
    "CreatedAt"           timestamptz  NOT NULL
);

CREATE TABLE "Markets" (
    "Id"           uuid PRIMARY KEY,
    "Code"         varchar(50)  NOT NULL,
    "DisplayName"  varchar(200) NOT NULL,
    "AssetClassId" integer      NOT NULL REFERENCES "AssetClasses" ("Id"),
    "TimeZone"     text         NOT NULL,
    "RowVersion"   bigint       NOT NULL
);

CREATE TABLE "TradingSessions" (
    "Id"          bigint PRIMARY KEY,
    "MarketId"    uuid         NOT NULL REFERENCES "Markets" ("Id"),
    "SessionName" varchar(100) NOT NULL,
    "SessionType" varchar(30)  NOT NULL,
    "DayOfWeek"   varchar(10)  NOT NULL,
    "OpenTime"    time         NOT NULL,
    "CloseTime"   time         NOT NULL
);

CREATE TABLE "DataProviders" (
    "Id"          text PRIMARY KEY,
    "Code"        varchar(50)  NOT NULL,
    "Name"        varchar(200) NOT NULL,
    "ApiUrl"      varchar(500) NOT NULL,
    "MarketId"    uuid         REFERENCES "Markets" ("Id")
);
