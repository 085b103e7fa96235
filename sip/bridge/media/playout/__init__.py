"""Sound that comes when it likes, heard at a steady pace and as early as the line allows."""
