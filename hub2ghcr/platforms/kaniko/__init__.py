"""kaniko: builds inside a cluster. What is known of a build before it starts."""
