"""What every domain builds on: database, errors, credentials, idempotency, lists, audit, outbox."""
