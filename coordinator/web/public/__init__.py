"""What everybody may read: releases as pages, files and API."""
