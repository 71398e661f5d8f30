"""Write anew what docs/ holds that is made from the code, and publish the blueprints."""

from pathlib import Path

from checks import blueprints, device_table, profile_schema, site_schema

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Write the files."""
    for part in (device_table, profile_schema, site_schema):
        (ROOT / part.PATH).write_text(part.text(), encoding="utf-8")
        print(f"wrote {part.PATH}")
    blueprints.publish(ROOT)
    print(f"wrote {blueprints.PUBLISHED}")


if __name__ == "__main__":
    main()
