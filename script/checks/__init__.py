"""What script/check_repository.py checks, one kind of file each.

Each check is given a folder and yields a sentence for every fault that it finds.
"""
